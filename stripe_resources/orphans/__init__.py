"""What a stack owns at Stripe and no state has: found, listed, and retired or taken back.

A run that is lost after Stripe's answer leaves such objects once the resource is removed from the program, or the state file is.
"""

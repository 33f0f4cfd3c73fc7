"""Where usage comes from: files of events, one a row (`files`), and logs of any size (`source`), which an engine adds up.

What adds up needs the extra `scale`, and imports it when it is asked to: all else does without.
"""

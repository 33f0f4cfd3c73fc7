"""What continuous integration does, on any service: `make ci-preview`, `ci-comment`, `ci-deploy`, `ci-drift`, `ci-issue`.

Each command reads and writes files under `ci-out/` (CI_OUT), a folder for each stack; that is all that jobs pass to each other:

    ci-out/<stack>/preview.txt    what would change, and what the policies say
                   preview.json   the same for programs
                   plan.json      what `ci-deploy` will do, and no more
                   impact.md, impact.svg    what the change does to bills
                   result.json    {"stack", "changes", "failed"}; written last
                   drift.txt, drift.json    what is at Stripe and was not declared
                   orphans.txt    what belongs to the stack at Stripe and is in no state
    ci-out/comment.md             all stacks' previews as one comment

`report` composes texts and does no I/O, `github` speaks with GitHub, `commands` runs the rest.
"""

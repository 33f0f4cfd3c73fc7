"""`python -m stripe_resources export`: an existing account as a Pulumi program, and as the file that imports it.

The modules, from pure to not:

- `declaring`: from an object at Stripe to the inputs that declare it
- `references`: which field names an object of which kind
- `names`: what the resources and the program's variables are called
- `literals`, `program`, `import_file`: the two files
- `selection`: which objects are exported, and what has to be said about the rest
- `reading`: what Stripe has
- `project`, `command`: the settings, the command line

Nothing here knows a particular resource but where it says so in a table: what a resource's fields are stands in its declaration.
"""

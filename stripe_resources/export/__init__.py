"""`python -m stripe_resources export`: an existing account as a Pulumi program, and as the file that imports it.

The modules, from pure to not:

- `declaring`: from an object at Stripe to the inputs that declare it
- `references`: which field names an object of which kind
- `exportable`: which kinds can be exported, and in what order
- `names`: what the resources and the program's variables are called
- `literals`, `program`, `import_file`: the two files
- `selection`: which objects are exported, and what has to be said about the rest
- `reading`: what Stripe has
- `project`, `command`: the settings, the command line

What a kind's fields are stands in its declaration. Products and prices alone are known by name: an export can begin with them.
"""

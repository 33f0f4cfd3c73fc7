"""What the commands print: series of usage, as tables, CSV, JSON and charts. Pure, but for what draws on a console."""

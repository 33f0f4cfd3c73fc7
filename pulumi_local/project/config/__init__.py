"""Configuration of a stack: keys, values, the settings file `Pulumi.<stack>.yaml`, and the schema in `Pulumi.yaml`."""

from pulumi_policy import EnforcementLevel, PolicyConfigSchema, PolicyPack, ResourceValidationPolicy, StackValidationPolicy

SHELF = "pulumi-python:dynamic/shop:Shelf"


def small(args, report):
    if args.resource_type == SHELF and args.props.get("size", 0) > args.get_config()["max"]:
        report(f"{args.name} is {args.props['size']:g} long, more than {args.get_config()['max']:g}: make it shorter")


def tagged(args):
    if args.resource_type == SHELF and "tag" not in args.props:
        args.props["tag"] = "by policy"
        return args.props
    return None


def few(args, report):
    if sum(r.resource_type == SHELF for r in args.resources) > 2:
        report("too many shelves")


PolicyPack(
    "shelf-rules",
    [
        ResourceValidationPolicy(
            "small",
            "Shelves are short.",
            small,
            EnforcementLevel.MANDATORY,
            config_schema=PolicyConfigSchema({"max": {"type": "number", "default": 5}}),
        ),
        ResourceValidationPolicy("tagged", "Shelves have a tag.", remediate=tagged, enforcement_level=EnforcementLevel.REMEDIATE),
        StackValidationPolicy("few", "There are few shelves.", few, EnforcementLevel.ADVISORY),
    ],
)

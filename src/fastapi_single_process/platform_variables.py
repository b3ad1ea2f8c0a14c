"""Variables that a platform sets beside the service's own, with the same beginning.

A Kubernetes Service or a linked container that is called ``app`` puts them into every container
that starts after it.
Sources: https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
and https://docs.docker.com/engine/network/links/#environment-variables
"""

import re

__all__ = ["is_set_by_platform"]

# The rest of a name, and what its value must be. APP_PORT=8000 is a person's, and no setting.
FORMS = (
    (r"(\w+_)?SERVICE_HOST", r".+"),
    (r"(\w+_)?SERVICE_PORT(_\w+)?", r"\d+"),
    (r"(\w+_)?PORT(_\d+_(TCP|UDP|SCTP))?", r"(tcp|udp|sctp)://.+"),
    (r"(\w+_)?PORT_\d+_(TCP|UDP|SCTP)_(ADDR|PORT|PROTO)", r".+"),
    (r"(\w+_)?NAME", r"/[^/]+/[^/]+"),
    (r"ENV_\w+", r".*"),
)


def is_set_by_platform(name: str, value: str, *, prefix: str) -> bool:
    """Tell whether Kubernetes or a link between containers sets a variable of this name."""
    return name.startswith(prefix) and any(
        re.fullmatch(form, name.removeprefix(prefix)) and re.fullmatch(allowed, value)
        for form, allowed in FORMS
    )

"""Quantities as Kubernetes writes them."""

_BINARY = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}
_DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def bytes_of(quantity: str) -> int:
    """``512Mi`` or ``1G``; raises ValueError."""
    for suffix, factor in (_BINARY | _DECIMAL).items():
        if quantity.endswith(suffix):
            return int(float(quantity.removesuffix(suffix)) * factor)
    return int(float(quantity))


def cpus_of(quantity: str) -> float:
    """``1500m`` or ``1.5``; raises ValueError."""
    return float(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)

"""How all pictures look: sizes, the colours of both schemes, and the CSS that each carries."""

__all__ = ["CODE", "DARK", "FONT", "LIGHT", "LINE", "MARGIN", "SMALL", "WIDTH", "css"]

WIDTH = 460
"""Units of a picture's width, and its pixels at full size. A telephone shows 358 of them."""

MARGIN = 10
FONT = 15
SMALL = 14
LINE = 19
"""From one line of text to the next."""

LIGHT = {
    "paper": "#ffffff",
    "box": "#eef3f3",
    "edge": "#6b7780",
    "ink": "#1b2226",
    "soft": "#4f5a62",
    "look": "#b0360b",
    "tint": "#fdeae2",
}
"""One colour has a meaning: `look` is where the reader should look, and `tint` its surface."""

DARK = {
    "paper": "#1b1e26",
    "box": "#2a2f3a",
    "edge": "#8c96a3",
    "ink": "#e8ebf0",
    "soft": "#b4bcc8",
    "look": "#ff9a73",
    "tint": "#46291e",
}

# What every system has: a picture must not wait for a font, nor carry one.
SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
CODE = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'

_RULES = f"""\
text {{ font: {FONT}px {SANS}; fill: var(--ink) }}
.soft {{ font-size: {SMALL}px; fill: var(--soft) }}
.code {{ font-family: {CODE}; font-size: {SMALL}px }}
.strong {{ font-weight: 600 }}
.paper {{ fill: var(--paper); stroke: none }}
.box {{ fill: var(--box); stroke: var(--edge) }}
.frame {{ fill: none; stroke: var(--edge) }}
.line {{ fill: none; stroke: var(--edge); stroke-width: 1.5 }}
.thin {{ fill: none; stroke: var(--edge); stroke-dasharray: 2 4 }}
.dashed {{ stroke-dasharray: 5 4 }}
.head {{ fill: var(--edge); stroke: none }}
.later {{ fill: var(--paper); stroke-dasharray: 3 3 }}
.look {{ stroke: var(--look); stroke-width: 2 }}
.box.look {{ fill: var(--tint) }}
.head.look {{ fill: var(--look); stroke: none }}
text.look {{ fill: var(--look); stroke: none; font-weight: 600 }}
"""


def css() -> str:
    """Give the style sheet that a picture carries.

    A browser gives a picture in ``<img>`` the colour scheme of the page around it, the site's
    toggle included: https://drafts.csswg.org/css-color-adjust/#color-scheme-meta
    """
    dark = f"@media (prefers-color-scheme: dark) {{\n  :root {{ {_variables(DARK)} }}\n}}"
    return f":root {{ {_variables(LIGHT)} }}\n{dark}\n{_RULES}"


def _variables(colours: dict[str, str]) -> str:
    return "; ".join(f"--{name}: {value}" for name, value in colours.items())

"""Failures over time on the page: what breaks, what it interrupts, and throughput against the number of failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from topo.report.rates_text import lines_of

if TYPE_CHECKING:
    from topo.report.html.gather import Page

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 260, 56, 40, 16, 16
"""Pixels: half a page's width, with room for numbers on the left and below."""
EXACT, DRAWN, INK = "#2f6fb0", "#c46a1b", "#1b1f24"


@dataclass(frozen=True)
class RatesPart:
    """Lines of text, rows of the table with their head, and the picture as SVG (empty without a steady state)."""

    lines: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: str


HEAD = ("what", "how many", "a month", "a year", "broken on average", "spares", "interruptions a month", "source")


def rates(page: Page) -> RatesPart | None:
    """The part of the compute network; None where the design states no rates."""
    result = page.report.metrics.failure_rates
    if not result:
        return None
    rows = tuple(
        (
            row["key"],
            f"{row['count']:,}",
            f"{row['per_month']:.4g}",
            f"{row['per_year']:.4g}",
            f"{row['mean_broken']:.4g}" if "mean_broken" in row else "unknown",
            f"{row['spares']:,}",
            f"{row['interruptions_per_month']:.4g}",
            row["source"],
        )
        for row in result["by_key"]
    )
    return RatesPart(tuple(lines_of(result)), HEAD, rows, plot(result.get("expected_throughput")))


def plot(steady: Mapping[str, Any] | None) -> str:
    """Throughput against the number of broken groups: a bar from the lower to the upper end of each stratum's mean, a
    point at its lower end, filled where every pattern was examined, hollow where some were drawn; a tick at the least
    pattern. An SVG document, empty where there is nothing to show."""
    strata = list(steady["strata"]) if steady else []
    if not strata:
        return ""
    most = max(*(int(s["broken"]) for s in strata), 1)
    low = max(min(*(float(s["least"]) for s in strata), 0.9) - 0.05, 0.0)

    def x(broken: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (broken + 0.5) / (most + 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (1 - low))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-size="12" role="img" aria-label="Throughput against the number of broken groups">',
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="{INK}"/>',
    ]
    for i in range(5):
        value = low + (1 - low) * i / 4
        parts.append(_words(LEFT - 6, y(value) + 4, f"{value:.3g}", "end"))
    step = max(most // 12, 1)
    parts += [_words(x(k), HEIGHT - BOTTOM + 16, f"{k}", "middle") for k in range(0, most + 1, step)]
    parts.append(_words((LEFT + WIDTH) / 2, HEIGHT - 6, "broken at once", "middle"))
    for stratum in strata:
        exact = stratum["by"] == "classes"
        colour, at = EXACT if exact else DRAWN, x(stratum["broken"])
        ends = y(stratum["upper"]), y(stratum["lower"])
        share = f"{stratum['broken']} broken, {stratum['probability']:.3%} of the time: mean {stratum['lower']:.6g}"
        title = f"{share} to {stratum['upper']:.6g}, least {stratum['least']:.6g}, by {stratum['by']}"
        parts.append(f"<g><title>{escape(title)}</title>")
        parts.append(
            f'<path d="M{at:.1f} {ends[0]:.1f}V{ends[1]:.1f}" stroke="{colour}" stroke-width="6" opacity="0.4"/>'
        )
        fill = colour if exact else "none"
        parts.append(f'<circle cx="{at:.1f}" cy="{ends[1]:.1f}" r="4" fill="{fill}" stroke="{colour}"/>')
        least = y(stratum["least"])
        parts.append(f'<path d="M{at - 6:.1f} {least:.1f}h12" stroke="{colour}"/></g>')
    return "\n".join([*parts, "</svg>"])


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'

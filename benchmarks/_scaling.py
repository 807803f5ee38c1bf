"""Throughput against workers: what was measured, and a model beyond."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 70, 20, 40, 56
MOST = 32


def parts(one_s: float, two_s: float) -> tuple[float, float]:
    """Seconds a batch takes whatever the number of workers, and seconds that workers share, if `one_s` is what it takes
    on one and `two_s` on two: t(w) = alone + shared / w (Amdahl, 1967). Neither is below 0."""
    shared = min(max(2 * (one_s - two_s), 0.0), one_s)
    return one_s - shared, shared


def plot(tasks: int, seconds: Sequence[tuple[int, float]]) -> str:
    """The picture as SVG: tasks a second measured at each number of workers, and what the model says beyond."""
    known = dict(seconds)
    alone, shared = parts(known[1], known[2])
    rate = {w: tasks / (alone + shared / w) for w in range(1, MOST + 1)}
    top = max(rate[MOST], 1e-9) * 1.1
    each = tasks / known[1]

    def at(workers: float, per_s: float) -> str:
        x = LEFT + (workers - 1) / (MOST - 1) * (WIDTH - LEFT - RIGHT)
        return f"{x:.1f} {HEIGHT - BOTTOM - per_s / top * (HEIGHT - TOP - BOTTOM):.1f}"

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Judgments a second against workers" font-size="12" '
        'font-family="DejaVu Sans, Verdana, sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" font-weight="700">Judgments a second against workers</text>',
    ]
    for w in (1, 2, 4, 8, 16, 32):
        x = at(w, 0).split()[0]
        lines.append(f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e7ea"/>')
        lines.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#505a64">{w}</text>')
    for k in range(5):
        value = top / 1.1 * k / 4
        y = at(1, value).split()[1]
        lines.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#e3e7ea"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end" fill="#505a64">{value:.3g}</text>')
    curve = "L".join(at(w, rate[w]) for w in rate)
    ideal = "L".join(at(w, w * each) for w in rate if w * each <= top)
    lines.append(f'<path d="M{ideal}" fill="none" stroke="#9aa4ad" stroke-dasharray="5 4"/>')
    lines.append(f'<path d="M{curve}" fill="none" stroke="#005a8f" stroke-width="2" stroke-dasharray="2 3"/>')
    for w, s in seconds:
        x, y = at(w, tasks / s).split()
        lines.append(
            f'<circle cx="{x}" cy="{y}" r="5" fill="#005a8f"><title>{w}: {tasks / s:.3g} a second</title></circle>'
        )
    words = f"dots: measured; blue: {tasks} tasks in {alone:.2g} s + {shared:.3g} s / workers; grey: workers times one"
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - 14}" fill="#505a64">{words}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"

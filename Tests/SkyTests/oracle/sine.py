"""Coefficients of Sources/Sky/Sine.swift.

Fits sin(x deg)/x as a polynomial in x*x with the least relative error (Remez exchange) in 60-digit
arithmetic and prints each coefficient with what rounding it to a double leaves over, and the
largest relative error. Needs mpmath. Run: python3 sine.py
"""

from mpmath import cos, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 60
SAMPLES = 600


def sine_over_angle(t):
    return pi / 180 if t == 0 else sin(sqrt(t) * pi / 180) / sqrt(t)


def chebyshev(upper, i, n):
    return upper / 2 - upper / 2 * cos(pi * mpf(i) / n)


def solve(points, degree):
    size = degree + 2
    a, b = matrix(size, size), matrix(size, 1)
    for i, t in enumerate(points):
        for j in range(degree + 1):
            a[i, j] = t**j / sine_over_angle(t)
        a[i, degree + 1] = (-1) ** i
        b[i] = 1
    return lu_solve(a, b)[: degree + 1]


def extremes(errors):
    found, best = [], 0
    for k in range(1, len(errors)):
        if (errors[k] > 0) != (errors[best] > 0):
            found.append(best)
            best = k
        elif abs(errors[k]) > abs(errors[best]):
            best = k
    return found + [best]


def fit(limit, degree):
    upper = mpf(limit) ** 2
    points = [chebyshev(upper, i, degree + 1) for i in range(degree + 2)]
    grid = [chebyshev(upper, i, SAMPLES) for i in range(SAMPLES + 1)]
    for _ in range(12):
        c = solve(points, degree)
        errors = [sum(c[j] * t**j for j in range(degree + 1)) / sine_over_angle(t) - 1 for t in grid]
        turning = extremes(errors)
        if len(turning) != degree + 2:
            break
        points = [grid[k] for k in turning]
    return c, max(abs(e) for e in errors)


for name, limit, degree in [
    ("ofDegrees", 90, 8),
    ("ofDegreesTo45", 45, 6),
    ("ofDegreesTo24", 24.2, 5),
    ("roughlyOfDegrees", 90, 5),
]:
    coefficients, error = fit(limit, degree)
    print(name, "relative error", nstr(error, 3))
    for value in coefficients:
        print("   ", repr(float(value)), "+", nstr(value - mpf(float(value)), 6))

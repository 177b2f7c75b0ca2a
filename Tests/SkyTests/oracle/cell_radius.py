"""Checks the bound of HEALPix.FaceCell.circumscribedDisc.

For all cells of three faces and orders 0 to 8 it compares the true largest distance from the
centre to the outline (corners and 16 points a side) with the first-order half diagonal, and prints
the largest (ratio - 1) * side * radius, which must stay below the 0.45 that the code uses, and how
far points of a side reach beyond the corners (1 means they never do). Needs numpy.
"""

import numpy as np


def place(face, x, y):
    row = face >> 2
    down = row + 2 - x - y
    middle = 2 * (face & 3) + (0 if row == 1 else 1)
    radius = np.where(down < 1, down, np.where(down > 3, 4 - down, 1.0))
    cap = 1 - radius * radius / 3
    height = np.where(down < 1, cap, np.where(down > 3, -cap, (2 - down) * 2 / 3))
    skew = np.where(radius > 0, (x - y) / np.where(radius > 0, radius, 1), 0)
    polar = radius * np.sqrt((2 - radius * radius / 3) / 3)
    cosine = np.where(radius < 1, polar, np.sqrt(np.maximum(0, 1 - height * height)))
    lon = np.radians(45 * (middle + skew))
    vector = np.stack([cosine * np.cos(lon), cosine * np.sin(lon), height], -1)
    return vector, radius, height, skew, cosine


def half_diagonal(side, radius, height, skew, cosine):
    half_cosine = np.sqrt(1 - radius * radius / 6)
    polar = np.hypot(0.8164965809277261 / half_cosine, 0.6412749150809321 * skew * half_cosine)
    belt = np.where(radius < 1, 0, np.maximum(np.pi / 4 * cosine, 2 / 3 / np.maximum(cosine, 0.7)))
    near_cap = abs(height) > 2 / 3 - 0.6733333333333333 / side
    return np.where(near_cap, np.maximum(belt, polar), belt)


for face in (0, 4, 8):
    for order in range(9):
        side = 1 << order
        x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
        center, *shape = place(face, (x + 0.5) / side, (y + 0.5) / side)
        bound = half_diagonal(side, *shape) / side
        farthest = corners = np.zeros(x.shape)
        for step in range(17):
            part = step / 16
            for dx, dy in ((part, 0), (1, part), (part, 1), (0, part)):
                point = place(face, (x + dx) / side, (y + dy) / side)[0]
                distance = 2 * np.arcsin(np.linalg.norm(point - center, axis=-1) / 2)
                farthest = np.maximum(farthest, distance)
                if step in (0, 16):
                    corners = np.maximum(corners, distance)
        excess = ((farthest / bound - 1) * side * shape[0]).max()
        print(f"face {face} order {order}: excess {excess:.4f}, sides {(farthest / corners).max():.6f}")

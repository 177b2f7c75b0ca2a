// Spherical geometry as pure functions of numbers: HEALPix cells, separations, cones, circles, polygons,
// coverages, proper motion. Angles are degrees. No SQL and no vectors; column forms take pointers.

#!/usr/bin/env python3
"""A deterministic, Gaia-like synthetic sky in three tables.

  gaia  ~N rows  main catalogue, sorted by HEALPix (nested) like Gaia's source_id
  xcat  N/10     a second survey: 80 % counterparts of gaia rows (0.3" scatter), 20 % random
  det   N rows   alert/detection archive: N/20 objects, about 20 epochs each

Same (rows, seed, wide) -> byte-identical columns.  Work is done one HEALPix base
pixel (1/12 of the sky) at a time, so memory is about N/12 rows plus the cluster stars.

  python gen.py --rows 5000000 --out data/5m --formats parquet,orc,csv,fits [--wide 100]
"""
import argparse, json, os, sys, time
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.orc as po
import pyarrow.csv as pc
import healpy as hp

NSIDE29 = 1 << 29
ROW_GROUP = 122_880          # DuckDB's native row-group size, a fair choice for Parquet
CLASSES = np.array(["STAR", "GALAXY", "QSO", "BINARY", "WD", "UNKNOWN"])
CLASS_P = np.array([0.86, 0.05, 0.03, 0.035, 0.005, 0.02])
T0 = np.datetime64("2014-07-25T10:30:00", "us").astype("int64")
T1 = np.datetime64("2020-01-20T22:00:00", "us").astype("int64")


def rng_for(seed, *key):
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *key])))


def sky_layout(rows, seed):
    """Row counts per level-6 pixel (smooth field) and the clustered stars' level-29 pixels."""
    r = rng_for(seed, 1)
    npix = 12 * 64 * 64
    lon, lat = hp.pix2ang(64, np.arange(npix), nest=True, lonlat=True)
    l, b = hp.Rotator(coord=["C", "G"])(lon, lat, lonlat=True)
    l = (l + 180) % 360 - 180
    w = 1.0 + 9.0 * np.exp(-np.abs(b) / 8.0) + 25.0 * np.exp(-(l**2 + (2 * b) ** 2) / (2 * 12.0**2))
    n_cl = rows // 10                       # 10 % of the stars sit in 500 tight clusters
    counts = r.multinomial(rows - n_cl, w / w.sum())
    k = 500
    size = r.multinomial(n_cl, r.dirichlet(np.full(k, 0.7)))
    clon = r.uniform(0, 360, k); clat = np.degrees(np.arcsin(r.uniform(-1, 1, k)))
    sig = 10 ** r.uniform(-1.7, -0.3, k)    # 0.02 .. 0.5 degrees
    idx = np.repeat(np.arange(k), size)
    dx = r.normal(0, 1, n_cl) * sig[idx]; dy = r.normal(0, 1, n_cl) * sig[idx]
    dec = np.clip(clat[idx] + dy, -89.999, 89.999)
    ra = (clon[idx] + dx / np.maximum(np.cos(np.radians(dec)), 1e-3)) % 360
    cl29 = np.sort(hp.ang2pix(NSIDE29, ra, dec, nest=True, lonlat=True).astype(np.int64))
    return counts, cl29


def base_pixel_positions(base, counts, cl29, seed):
    r = rng_for(seed, 2, base)
    lo, hi = base * 4096, (base + 1) * 4096
    pix6 = np.repeat(np.arange(lo, hi, dtype=np.int64), counts[lo:hi])
    h = (pix6 << 46) | r.integers(0, 1 << 46, len(pix6), dtype=np.int64)
    a, b = np.searchsorted(cl29, [base << 58, (base + 1) << 58])
    h = np.concatenate([h, cl29[a:b]])
    # leave the pixel centre (0.4 mas cells), so that ra/dec hold full-entropy doubles, as in
    # real data, and no codec can derive them from healpix29
    ra, dec = hp.pix2ang(NSIDE29, h, nest=True, lonlat=True)
    ra = (ra + r.normal(0, 5e-8, len(h))) % 360
    dec = np.clip(dec + r.normal(0, 5e-8, len(h)), -90, 90)
    h = hp.ang2pix(NSIDE29, ra, dec, nest=True, lonlat=True).astype(np.int64)
    keep = (h >> 58) == base                # the few that stepped over the border are dropped
    o = np.argsort(h[keep], kind="stable")
    return h[keep][o], ra[keep][o], dec[keep][o]


def masked(a, null, typ):
    return pa.array(a, type=typ, mask=null)


def gaia_chunk(base, counts, cl29, seed, wide):
    h, ra, dec = base_pixel_positions(base, counts, cl29, seed)
    n = len(h); r = rng_for(seed, 3, base)
    h12 = h >> 34
    first = np.r_[True, h12[1:] != h12[:-1]] if n else np.zeros(0, bool)
    start = np.maximum.accumulate(np.where(first, np.arange(n), 0)) if n else np.zeros(0, int)
    source_id = (h12 << 35) | ((np.arange(n) - start + 1) * 128)
    g = np.clip(21.0 - r.exponential(1.6, n), 3.0, 21.5).astype(np.float32)
    col = np.clip(r.normal(1.25, 0.55, n) + 0.05 * (g - 16), -0.6, 6).astype(np.float32)
    bp = (g + 0.45 * col + r.normal(0, 0.01, n)).astype(np.float32)
    rp = (g - 0.55 * col + r.normal(0, 0.01, n)).astype(np.float32)
    no5p = r.random(n) < 0.186              # two-parameter solutions: no parallax, no motion
    nocol = r.random(n) < 0.15
    s = 0.02 * 10 ** (0.2 * np.maximum(g - 14.0, 0))
    perr = (s * r.lognormal(0, 0.25, n)).astype(np.float32)
    parallax = r.exponential(0.6, n) + perr * r.normal(0, 1, n)
    pmra = r.standard_t(3, n) * 4 - 2.0; pmdec = r.standard_t(3, n) * 4 - 3.5
    beta = dec * 0.9
    nobs = np.clip(200 + 150 * np.exp(-((np.abs(beta) - 45) / 12) ** 2) + r.normal(0, 25, n), 5, 999).astype(np.int16)
    flags = (r.random(n) < 0.02).astype(np.int16) | ((r.random(n) < 0.1).astype(np.int16) << 1) \
        | ((nobs > 300).astype(np.int16) << 2) | (r.integers(0, 4, n).astype(np.int16) << 4)
    cls = pa.DictionaryArray.from_arrays(pa.array(r.choice(6, n, p=CLASS_P).astype(np.int8)), pa.array(CLASSES)).cast(pa.string())
    epoch = r.integers(T0, T1, n)
    f32 = pa.float32(); f64 = pa.float64()
    cols = dict(
        source_id=pa.array(source_id), healpix29=pa.array(h),
        ra=pa.array(ra), dec=pa.array(dec),
        ra_error=pa.array((0.7 * s * r.lognormal(0, 0.2, n)).astype(np.float32)),
        dec_error=pa.array((0.6 * s * r.lognormal(0, 0.2, n)).astype(np.float32)),
        parallax=masked(parallax, no5p, f64), parallax_error=masked(perr, no5p, f32),
        pmra=masked(pmra, no5p, f64), pmdec=masked(pmdec, no5p, f64),
        pmra_error=masked((s * r.lognormal(0, 0.2, n)).astype(np.float32), no5p, f32),
        pmdec_error=masked((s * r.lognormal(0, 0.2, n)).astype(np.float32), no5p, f32),
        g_mag=pa.array(g), bp_mag=masked(bp, nocol, f32), rp_mag=masked(rp, nocol, f32),
        ruwe=pa.array(np.clip(r.lognormal(0.03, 0.12, n) + (r.random(n) < 0.03) * r.exponential(2, n), 0.5, 40).astype(np.float32)),
        n_obs=pa.array(nobs), flags=pa.array(flags), class_=cls,
        random_index=pa.array(r.integers(0, 1 << 40, n)),
        epoch=pa.array(epoch, type=pa.timestamp("us")),
    )
    cols["class"] = cols.pop("class_")
    for k in range(wide):                   # filler for wide-table tests: smooth float32
        cols[f"f{k:03d}"] = pa.array((r.normal(k, 1 + k / 10, n)).astype(np.float32))
    return pa.table(cols)


def xcat_chunk(base, g, seed, rows10):
    r = rng_for(seed, 4, base)
    n = g.num_rows
    pick = np.flatnonzero(r.random(n) < 0.08)
    ra = g["ra"].to_numpy()[pick]; dec = g["dec"].to_numpy()[pick]
    m = len(pick)
    d2 = dec + r.normal(0, 0.3, m) / 3600
    r2 = (ra + r.normal(0, 0.3, m) / 3600 / np.maximum(np.cos(np.radians(dec)), 1e-6)) % 360
    mag = g["g_mag"].to_numpy()[pick] + r.normal(0.3, 0.1, m).astype(np.float32)
    k = rows10 // 12 // 5
    hu = (np.int64(base) << 58) | r.integers(0, 1 << 58, k, dtype=np.int64)
    ru, du = hp.pix2ang(NSIDE29, hu, nest=True, lonlat=True)
    ra = np.r_[r2, ru]; dec = np.r_[np.clip(d2, -90, 90), du]
    mag = np.r_[mag, r.normal(20, 1, k)].astype(np.float32)
    h = hp.ang2pix(NSIDE29, ra, dec, nest=True, lonlat=True).astype(np.int64)
    o = np.argsort(h, kind="stable")
    xid = (np.int64(base) << 40) | np.arange(len(o))
    return pa.table(dict(xid=xid, healpix29=h[o], ra=ra[o], dec=dec[o], mag=mag[o]))


def det_chunk(base, g, seed):
    r = rng_for(seed, 5, base)
    pick = np.flatnonzero(r.random(g.num_rows) < 0.05)
    k = r.poisson(20, len(pick)); idx = np.repeat(pick, k); m = len(idx)
    mjd = r.uniform(58000, 60000, m)
    o = np.lexsort((mjd, idx)); mjd = mjd[o]
    amp = np.repeat(r.exponential(0.15, len(pick)), k); per = np.repeat(10 ** r.uniform(-0.5, 2.0, len(pick)), k)
    fid = r.integers(1, 4, m).astype(np.int8)
    mag = (g["g_mag"].to_numpy()[idx] + amp * np.sin(2 * np.pi * mjd / per) + 0.2 * (fid - 2) + r.normal(0, 0.02, m)).astype(np.float32)
    sid = g["source_id"].to_numpy()[idx]
    names = np.char.add("ZTF", np.char.mod("%013d", sid // 128 % 10**13))
    return pa.table(dict(candid=(np.int64(base) << 40) | np.arange(m), object_id=names, source_id=sid,
                         mjd=mjd, fid=fid, mag=mag,
                         mag_err=np.abs(r.normal(0.02, 0.01, m)).astype(np.float32),
                         rb=r.beta(5, 1.5, m).astype(np.float32)))


class Sink:
    """One table to several formats, chunk by chunk (FITS is written at the end)."""
    def __init__(self, out, name, formats, schema, orc_opts):
        self.name, self.out, self.formats = name, out, formats
        self.p = self.o = self.c = None; self.fits = []
        path = lambda ext: os.path.join(out, f"{name}.{ext}")
        if "parquet" in formats:
            self.p = pq.ParquetWriter(path("parquet"), schema, compression="zstd")
        if "orc" in formats:
            self.o = po.ORCWriter(path("orc"), **orc_opts)
        if "csv" in formats:
            self.c = pc.CSVWriter(path("csv"), schema)
        self.fpath = path("fits")

    def write(self, t):
        if self.p: self.p.write_table(t, row_group_size=ROW_GROUP)
        if self.o: self.o.write(t)
        if self.c: self.c.write_table(t)
        if "fits" in self.formats: self.fits.append(t)

    def close(self):
        for w in (self.p, self.o, self.c):
            if w: w.close()
        if self.fits:
            from astropy.io import fits
            t = pa.concat_tables(self.fits); self.fits = []
            cs = []
            for f in t.schema:
                c = t[f.name]
                if pa.types.is_string(f.type):
                    a = np.asarray(c.to_pylist(), dtype="S"); cs.append(fits.Column(f.name, f"{a.itemsize}A", array=a))
                elif pa.types.is_timestamp(f.type):   # FITS: MJD as double
                    a = c.cast(pa.int64()).to_numpy() / 86400e6 + 40587.0
                    cs.append(fits.Column(f.name + "_mjd", "D", unit="d", array=a))
                else:
                    code = {"double": "D", "float": "E", "int64": "K", "int16": "I", "int8": "I"}[str(f.type)]
                    a = c.to_numpy(zero_copy_only=False) if not c.null_count else c.fill_null(float("nan")).to_numpy()
                    cs.append(fits.Column(f.name, code, array=a.astype("int16") if str(f.type) == "int8" else a))
            fits.BinTableHDU.from_columns(cs, name=self.name).writeto(self.fpath, overwrite=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rows", type=int, default=1_000_000)
    ap.add_argument("--seed", type=int, default=20231022)
    ap.add_argument("--out", required=True)
    ap.add_argument("--formats", default="parquet")
    ap.add_argument("--wide", type=int, default=0, help="extra float32 columns f000..")
    ap.add_argument("--orc-compression", default="zstd")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    formats = set(a.formats.split(","))
    t0 = time.time()
    counts, cl29 = sky_layout(a.rows, a.seed)
    orc_opts = dict(compression=a.orc_compression, stripe_size=64 << 20, row_index_stride=10_000,
                    compression_block_size=256 << 10, file_version="0.12", dictionary_key_size_threshold=0.8)
    sinks, n = {}, {}
    for base in range(12):
        g = gaia_chunk(base, counts, cl29, a.seed, a.wide)
        for name, t in (("gaia", g), ("xcat", xcat_chunk(base, g, a.seed, a.rows // 10)), ("det", det_chunk(base, g, a.seed))):
            if name not in sinks:
                sinks[name] = Sink(a.out, name, formats if name == "gaia" else formats - {"fits"}, t.schema, orc_opts)
            sinks[name].write(t); n[name] = n.get(name, 0) + t.num_rows
        print(f"base pixel {base + 1}/12  {time.time() - t0:.1f} s", file=sys.stderr)
    for s in sinks.values(): s.close()
    files = {f: os.path.getsize(os.path.join(a.out, f)) for f in sorted(os.listdir(a.out)) if not f.endswith(".json")}
    meta = dict(rows=a.rows, seed=a.seed, wide=a.wide, tables=n, bytes=files, seconds=round(time.time() - t0, 1))
    json.dump(meta, open(os.path.join(a.out, "meta.json"), "w"), indent=1)
    print(json.dumps(meta, indent=1))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Mixed load: cone-search latency while batch queries run in the same engine.

  python mixed.py --data data/5m --peer duckdb --seconds 20 [--batch q09,q15,q07]

One client sends small cones at random places (open loop, one every --gap ms); a second
client runs the batch list back to back.  Prints p50/p95/p99 idle and loaded, their ratio,
and batch throughput alone and mixed.
"""
import argparse, json, os, random, threading, time
import engines
from parameters import parameters


def pct(v, p): v = sorted(v); return v[min(len(v) - 1, int(p * len(v)))] * 1e3


def fetching(connection):
    """Runs a query to its last row, as the other peers do, in Arrow."""
    def fetch(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql); return cursor.fetch_arrow_table()
    return fetch


def main():
    ap = argparse.ArgumentParser(); ap.add_argument("--data", required=True); ap.add_argument("--peer", default="duckdb")
    ap.add_argument("--seconds", type=float, default=20); ap.add_argument("--gap", type=float, default=50)
    ap.add_argument("--threads", type=int, default=2); ap.add_argument("--batch", default="q09,q15,q07,q14")
    a = ap.parse_args(); a.data = os.path.abspath(a.data)
    prm = parameters(a.data); prm["tmp"] = a.data
    peer = engines.make(a.peer, a.data, a.threads); peer.open()
    if a.peer.startswith("duckdb"):
        mk = lambda queue: (lambda c: (lambda q: c.execute(q).fetchall()))(peer.connection.cursor())
    elif a.peer == "zij":
        mk = lambda queue: fetching(peer.connect(queue))
    else: mk = lambda queue: (lambda q: peer.query(q))
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queries", peer.dialect)
    batch = [open(os.path.join(here, f)).read().format(**prm) for b in a.batch.split(",") for f in sorted(os.listdir(here)) if f.startswith(b)]
    import healpy as hp, math
    rnd = random.Random(3); cones = []
    for _ in range(400):
        ra, dec = rnd.uniform(5, 355), rnd.uniform(-60, 60); v = hp.ang2vec(ra, dec, lonlat=True)
        px = sorted(hp.query_disc(2048, v, math.radians(0.05), inclusive=True, fact=4, nest=True).tolist())
        w = " OR ".join(f"healpix29 BETWEEN {p << 36} AND {((p + 1) << 36) - 1}" for p in px)
        if a.peer == "zij":
            cones.append(f"SELECT source_id, ra, dec, g_mag FROM gaia WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({ra}, {dec}, 0.05))")
            continue
        cones.append(f"SELECT source_id, ra, dec, g_mag FROM gaia WHERE ({w}) AND pow(sin(radians(dec-({dec}))/2),2)+cos(radians(dec))*cos(radians({dec}))*pow(sin(radians(ra-{ra})/2),2) <= {math.sin(math.radians(0.05) / 2) ** 2}")
    stop = threading.Event(); done = [0]
    def run_batch():
        q = mk("batch")
        while not stop.is_set():
            for s in batch:
                q(s); done[0] += 1
                if stop.is_set(): return
    def run_cones(sec):
        q = mk("interactive"); lat = []; t0 = time.perf_counter(); i = 0
        while (t := time.perf_counter()) - t0 < sec:
            due = t0 + i * a.gap / 1e3
            if due > t: time.sleep(due - t)
            s = time.perf_counter(); q(cones[i % len(cones)]); lat.append(time.perf_counter() - s); i += 1
        return lat
    run_cones(2); idle = run_cones(a.seconds / 2)
    th = threading.Thread(target=run_batch); th.start(); time.sleep(a.seconds / 2); alone = done[0] / (a.seconds / 2)
    d0 = done[0]; loaded = run_cones(a.seconds); mixed = (done[0] - d0) / a.seconds; stop.set(); th.join()
    r = dict(peer=a.peer, version=peer.version, n_idle=len(idle), n_loaded=len(loaded), batch_per_s_alone=round(alone, 2), batch_per_s_mixed=round(mixed, 2))
    for p in (.5, .95, .99): r[f"p{int(p * 100)}_ms"] = dict(idle=round(pct(idle, p), 2), loaded=round(pct(loaded, p), 2), ratio=round(pct(loaded, p) / pct(idle, p), 1))
    print(json.dumps(r))
    if hasattr(peer, "close"): peer.close()


if __name__ == "__main__":
    main()

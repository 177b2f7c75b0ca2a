"""The benchmark's peers that are called from Python: how each is opened, loaded and asked.

A new one is a class with `dialect`, `open` and `query`, its entry in ENGINES, and its queries in
queries/<dialect>.  A name such as `duckdb-parquet` means an engine that reads the files in place.
"""
import os
import shutil

TABLES = ("gaia", "xcat", "det")


class Engine:
    dialect = None

    def __init__(self, data, source, threads):
        self.data, self.source, self.threads = data, source, threads
        self.version = self.size = None

    def file(self, table):
        ending = "parquet" if self.source == "native" else self.source
        return os.path.join(os.path.abspath(self.data), f"{table}.{ending}")


class DuckDB(Engine):
    dialect = "duckdb"

    def open(self, load=False):
        import duckdb
        self.version = duckdb.__version__
        path = os.path.join(self.data, "peer_duckdb.db")
        if load and os.path.exists(path):
            os.remove(path)
        native = self.source == "native"
        self.connection = duckdb.connect(
            path if native else ":memory:", read_only=native and not load)
        run = self.connection.execute
        run(f"SET threads={self.threads}")
        if load:
            for table in TABLES:
                run(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{self.file(table)}')")
            run("CHECKPOINT")
            self.size = os.path.getsize(path)
        elif not native:
            for table in TABLES:
                run(f"CREATE VIEW {table} AS "
                    f"SELECT * FROM read_{self.source}('{self.file(table)}')")

    def query(self, sql):
        return self.connection.execute(sql).to_arrow_table()


_F, _D = "Nullable(Float32)", "Nullable(Float64)"
# What an expert would declare: exact nullability, LowCardinality, the order of the sky as sort key.
CLICKHOUSE_TABLES = dict(
    gaia=(
        "source_id Int64, healpix29 Int64, ra Float64, dec Float64, ra_error Float32, "
        f"dec_error Float32, parallax {_D}, parallax_error {_F}, pmra {_D}, pmdec {_D}, "
        f"pmra_error {_F}, pmdec_error {_F}, g_mag Float32, bp_mag {_F}, rp_mag {_F}, "
        "ruwe Float32, n_obs Int16, flags Int16, random_index Int64, epoch DateTime64(6), "
        "class LowCardinality(String)", "healpix29"),
    xcat=("xid Int64, healpix29 Int64, ra Float64, dec Float64, mag Float32", "healpix29"),
    det=(
        "candid Int64, object_id String, source_id Int64, mjd Float64, fid Int8, mag Float32, "
        "mag_err Float32, rb Float32", "(source_id, mjd)"))


class ChDB(Engine):
    dialect = "chdb"

    def open(self, load=False):
        import chdb
        from chdb import session
        self.version = chdb.__version__
        path = os.path.join(self.data, "peer_chdb")
        if load:
            shutil.rmtree(path, ignore_errors=True)
        self.session = session.Session(path) if self.source == "native" else session.Session()
        run = self.session.query
        if load:
            self.load(run)
        elif self.source != "native":
            form = dict(parquet="Parquet", orc="ORC")[self.source]
            run("CREATE DATABASE IF NOT EXISTS cb ENGINE = Memory")
            for table in TABLES:
                run(f"CREATE VIEW cb.{table} AS "
                    f"SELECT * FROM file('{self.file(table)}', {form})")
        run("USE cb")
        run(f"SET max_threads={self.threads}")
        run("SET use_query_condition_cache=0")

    def load(self, run):
        run("CREATE DATABASE IF NOT EXISTS cb ENGINE = Atomic")
        for table in TABLES:
            columns, order = CLICKHOUSE_TABLES[table]
            run(f"CREATE TABLE cb.{table} ({columns}) ENGINE = MergeTree ORDER BY {order}")
            run(f"INSERT INTO cb.{table} SELECT * FROM file('{self.file(table)}', Parquet)")
            run(f"OPTIMIZE TABLE cb.{table} FINAL")
        size = run("SELECT sum(bytes_on_disk) FROM system.parts "
                   "WHERE active AND database = 'cb'", "TSV")
        self.size = int(str(size).strip())

    def query(self, sql):
        import pyarrow
        if "INTO OUTFILE" in sql:
            self.session.query(sql)
            return None
        data = self.session.query(sql, "ArrowStream").bytes()
        return pyarrow.ipc.open_stream(data).read_all() if data else None


class DataFusion(Engine):
    dialect = "datafusion"

    def open(self, load=False):
        import datafusion
        self.version = datafusion.__version__
        config = datafusion.SessionConfig().with_target_partitions(self.threads).set(
            "datafusion.execution.parquet.pushdown_filters", "true")
        self.context = datafusion.SessionContext(config)
        for table in TABLES:
            self.context.register_parquet(table, self.file(table))

    def query(self, sql):
        return self.context.sql(sql).to_arrow_table()


class Zij(Engine):
    """Called in this process through its ADBC driver (scripts/build_driver), as the others are; for
    `mixed.py`. `peers.py` runs Zij through zij-bench."""
    dialect = "zij"

    def open(self, load=False):
        from adbc_driver_manager import dbapi
        self.connections = []
        self.connection = dbapi.connect(
            driver=os.environ["ZIJ_ADBC_DRIVER"], autocommit=True, db_kwargs={
                "uri": "zij://" + os.path.join(os.path.abspath(self.data), "zij.zij"),
                "zij.threads": str(self.threads), "zij.read_only": "true"})
        self.version = self.connection.adbc_get_info()["vendor_version"]

    def connect(self, queue="interactive"):
        connection = self.connection.adbc_clone()
        connection.adbc_connection.set_autocommit(True)
        with connection.cursor() as cursor:
            cursor.execute(f"SET queue = '{queue}'")
        self.connections.append(connection)
        return connection

    def close(self):
        for connection in self.connections + [self.connection]:
            connection.close()

    def query(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()


ENGINES = dict(duckdb=DuckDB, chdb=ChDB, datafusion=DataFusion, zij=Zij)


def make(name, data, threads):
    kind, _, source = name.partition("-")
    return ENGINES[kind](data, source or "native", threads)

// File and result formats, one file each: CSV in and out, JSON, tables for terminals, maps of the sky.

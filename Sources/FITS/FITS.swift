// FITS tables as a format of FROM and COPY. It stands apart from the other formats because cfitsio
// draws in libcurl and what that needs: only executables have it, libraries for other programs not.

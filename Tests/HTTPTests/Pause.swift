import Glibc

/// Lets other threads go on.
func pause() { usleep(1000) }

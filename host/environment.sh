# What has to be said before the process starts; sourced by the scripts that start it. What the user has set stays.

# OpenMP threads that sleep at once while they wait double the time of a run of several threads; those that spin for a short while multiply
# it where another program wants their processor (docs/performance.md). So they spin for some milliseconds.
[ -n "${OMP_WAIT_POLICY:-}" ] || export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-1000000}"

# A step frees all it has made. By default glibc may give that memory back to the system and take it anew in the next step, page by
# page, each page a fault (docs/performance.md). So what was freed is kept, in large pages where the system has them.
glibc_malloc="glibc.malloc.trim_threshold=4294967296:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.top_pad=67108864"
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-$glibc_malloc:glibc.malloc.hugetlb=1}"

# libtorch's warnings, such as one a convolution that NNPACK does not know this processor, would fill the screen; errors are shown.
export TORCH_CPP_LOG_LEVEL="${TORCH_CPP_LOG_LEVEL:-ERROR}"

#!/usr/bin/env bash
# Counts the files and folders of each walk of walks.txt at a commit, HEAD where none is named:
#   docs/architecture/count-walks.sh [--files] [COMMIT]
# A type counts as the file that declares it; one that the commit does not have is left out. One that no other type of its walk names, and
# that names none of them, is on no walk, and is said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
files=false
[ "${1:-}" != --files ] || { files=true; shift; }
walks="$PWD/docs/architecture/walks.txt"
tree="$(mktemp -d)"
trap 'rm -r "$tree"' EXIT
git archive "${1:-HEAD}" contracts host plugins | tar -x -C "$tree"
cd "$tree"

# A line for each top-level type: its name, its file.
grep -rE --include='*.cs' '^(public |internal |abstract |sealed |static |partial |readonly )*(class|record|struct|interface|enum) ' . |
    sed -E 's#^\./([^:]*):([a-z]+ )*([A-Za-z0-9]+).*#\3 \1#' | sort >types

walk() { # title; its types on standard input
    local type
    while read -r type; do
        [[ "$type" = */* ]] && { [ ! -e "$type" ] || echo "$(basename "$type" .cs) $type"; } || grep -m 1 "^$type " types || true
    done >walk
    # What names what: a line for each type of the walk that is named in a file of the walk.
    cut -d' ' -f1 walk >names
    cut -d' ' -f2 walk | sort -u | xargs grep -owHF -f names | sort -u | awk -v title="$1" '
        FNR == NR { file[$1] = $2; next }
        { split($0, named, ":"); if (file[named[2]] != named[1]) { linked[named[1]] = linked[file[named[2]]] = 1 } }
        END { for (type in file) if (!linked[file[type]]) print title ": " type " is named by no other type of this walk, and names none" }' walk - >&2
    printf '%-30s %3d files, %2d folders\n' "$1" "$(cut -d' ' -f2 walk | sort -u | wc -l)" "$(cut -d' ' -f2 walk | xargs -n 1 dirname | sort -u | wc -l)"
    ! $files || cut -d' ' -f2 walk | awk '!seen[$0]++ { print "    " $0 }'
}

grep '^\[' "$walks" | tr -d '[]' | while IFS= read -r title; do
    awk -v title="[$title]" '/^\[/ { here = $0 == title; next } here && NF && !/^#/ { print $1 }' "$walks" | walk "$title"
done

#!/usr/bin/env bash
# Counts the instructions of one request in each scenario with callgrind: the same number on a
# noisy machine. Run it before and after a change. Two runs of different length cancel the start.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "valgrind is not installed (apt-get install valgrind)" >&2; exit 1; }
bench="${1:-scenarios}"
binary=$(cargo bench --no-run --bench "$bench" --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*'"$bench"'-[^"]*\)".*/\1/p' | tail -n 1)
count() { # scenario, repetitions
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" --repeat "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
shift || true
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    case "$bench" in
        handler) names=(without_layer with_layer) ;;
        schema) names=(none few most) ;;
        *) names=(browser_get browser_get_elsewhere json_1k json_1k_elsewhere prose_2000 prose_2000_elsewhere \
            attack_last_field attack_last_field_elsewhere) ;;
    esac
fi
printf '%-34s %14s\n' scenario instructions
for name in "${names[@]}"; do
    few=$(count "$name" 200)
    many=$(count "$name" 1200)
    printf '%-34s %14d\n' "$name" $(((many - few) / 1000))
done

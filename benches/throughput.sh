#!/usr/bin/env bash
# Requests a second of the smallest axum server, with the layer and without it, in turn in one run:
# the server pinned to one core, wrk to another, a browser's GET. Needs wrk and taskset.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { echo "wrk is not installed (apt-get install wrk)" >&2; exit 1; }
rounds="${1:-5}" seconds="${2:-3}"
binary=$(cargo bench --no-run --bench server --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*server-[^"]*\)".*/\1/p' | tail -n 1)
headers=(
    -H 'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
    -H 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
    -H 'Accept-Language: en-GB,en;q=0.9,de;q=0.7'
    -H 'Accept-Encoding: gzip, deflate, br, zstd'
    -H 'Referer: https://shop.example.com/search?q=red+boots&page=1'
    -H 'Cookie: session=4f1c9a7be2d04c6f8a31; theme=dark; consent=analytics%3Dno'
    -H 'Sec-Ch-Ua: "Chromium";v="126", "Not/A)Brand";v="8"'
    -H 'Sec-Ch-Ua-Mobile: ?0'
    -H 'Sec-Ch-Ua-Platform: "Windows"'
    -H 'Sec-Fetch-Dest: document' -H 'Sec-Fetch-Mode: navigate' -H 'Sec-Fetch-Site: same-origin'
    -H 'Upgrade-Insecure-Requests: 1' -H 'Cache-Control: max-age=0'
)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null' EXIT
measure() { # with | without
    ADDR=127.0.0.1:18080 taskset -c 0 "$binary" "$1" &
    server=$!
    for _ in $(seq 50); do curl -fso /dev/null http://127.0.0.1:18080/search && break; sleep 0.1; done
    local ticks cpu before after answer
    before=$(awk '{print $14 + $15}' "/proc/$server/stat")
    answer=$(taskset -c 1 wrk -t1 -c16 -d"${seconds}s" "${headers[@]}" 'http://127.0.0.1:18080/search?q=red+shoes&page=2')
    after=$(awk '{print $14 + $15}' "/proc/$server/stat")
    kill "$server"; wait "$server" 2>/dev/null || true
    server=
    local rate requests
    rate=$(awk '/Requests\/sec/ {print $2}' <<<"$answer")
    requests=$(awk '/requests in/ {print $1}' <<<"$answer")
    ticks=$(getconf CLK_TCK)
    cpu=$(awk -v t=$((after - before)) -v hz="$ticks" -v n="$requests" 'BEGIN {printf "%.2f", t / hz / n * 1e6}')
    echo "$1 $rate $cpu"
}
for _ in $(seq "$rounds"); do
    measure without
    measure with
done | tee /dev/stderr | awk '
    {rate[$1] += $2; cpu[$1] += $3; n[$1]++}
    END {
        printf "without: %.0f requests/s, %.2f us of CPU a request\n", rate["without"] / n["without"], cpu["without"] / n["without"]
        printf "with:    %.0f requests/s, %.2f us of CPU a request\n", rate["with"] / n["with"], cpu["with"] / n["with"]
        printf "ratio %.3f, the layer adds %.2f us\n", rate["with"] / rate["without"], cpu["with"] / n["with"] - cpu["without"] / n["without"]
    }'

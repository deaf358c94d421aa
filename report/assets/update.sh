#!/bin/sh
# Fetches the chart software anew, at the versions named here, with the npm client.
# After a change of version: update LICENSES.md, then `go test ./report`.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in vega@6.4.0 vega-lite@6.4.3 vega-embed@7.3.0; do
	archive=$(cd "$work" && npm pack --silent "$package" 2>/dev/null)
	name=${package%@*}
	tar -xzOf "$work/$archive" "package/build/$name.min.js" >"$name.min.js"
done
sha256sum -- *.min.js

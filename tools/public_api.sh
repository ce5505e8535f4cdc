#!/usr/bin/env bash
# Writes the lists of public members (PublicAPI.*.txt) anew from what the analyzer misses in empty ones. The build refuses a member that is
# not listed, so a change of the contract shows in the lists.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in Ebsp.Isa Ebsp.Emulator Ebsp.Compiler; do
  printf '#nullable enable\n' > "$project/PublicAPI.Shipped.txt"
  printf '#nullable enable\n' > "$project/PublicAPI.Unshipped.txt"
  dotnet build "$project" --no-incremental -nologo -nodeReuse:false -v q -p:TreatWarningsAsErrors=false -p:BuildProjectReferences=false \
    | sed -nE "s/^.*warning RS0016: Symbol '(.*)' is not part of the declared public API.*$/\1/p" | LC_ALL=C sort -u > "$project/PublicAPI.members"
  cat "$project/PublicAPI.members" >> "$project/PublicAPI.Unshipped.txt"
  echo "$project: $(wc -l < "$project/PublicAPI.members") members"
  rm "$project/PublicAPI.members"
done

#!/usr/bin/env bash
# Prints a `dotnet` that loads TorchSharp's native library, and makes one where the system's C++ runtime is too old for it.
#
#     dotnet=$(tools/torch-runtime.sh) && "$dotnet" exec artifacts/bin/Ebsp.Training.Tests/debug/Ebsp.Training.Tests.dll
#
# libLibTorchSharp.so needs GLIBCXX_3.4.32, which comes with GCC 13: Debian 13 and Ubuntu 24.04 have it, Debian 12 does not. There a copy
# of dotnet with an interpreter and a run path of its own is made in artifacts/torch-runtime, from the C and C++ runtime of Debian 13.
# Nothing of the system changes and other programs that it starts keep their libraries. Needs apt-get, dpkg and no root.
set -euo pipefail
cd "$(dirname "$0")/.."
need=GLIBCXX_3.4.32
root=$PWD/artifacts/torch-runtime

# The running system's C++ runtime, as its loader finds it.
library=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2> /dev/null | sed -n 's/.*libstdc++\.so\.6 .*=> //p' | head -n 1 || true)
system=$(command -v dotnet) || { echo "torch-runtime: the .NET SDK is needed: https://dot.net" >&2; exit 1; }
if [ -n "$library" ] && grep -q "$need" "$library"; then
  echo "$system"
  exit 0
fi
home=$(dirname "$(readlink -f "$system")")
if [ -x "$root/dotnet/dotnet" ] && [ "$(cat "$root/made-for" 2> /dev/null)" = "$home" ]; then
  echo "$root/dotnet/dotnet"
  exit 0
fi
if ! command -v apt-get > /dev/null || ! command -v dpkg > /dev/null; then
  echo "torch-runtime: no C++ runtime with $need here, and no apt-get to fetch one: use a system with GCC 13's libstdc++" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/system"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
# The registry that this system uses already, another suite of it.
registry=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2> /dev/null \
  | grep -v '^#' | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
if [ -z "$registry" ]; then
  echo "torch-runtime: no C++ runtime with $need here, and no Debian registry in /etc/apt to fetch one from" >&2
  exit 1
fi
echo "deb [signed-by=$keys] $registry trixie main" > "$work/sources.list"
options=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o "Dir::Etc::sourcelist=$work/sources.list"
  -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User= -o Acquire::Languages=none -o APT::Get::List-Cleanup=0 -qq)
{
  apt-get "${options[@]}" update
  (cd "$work/debs" && apt-get "${options[@]}" download libc6 libstdc++6 libgcc-s1 gcc-14-base patchelf)
} >&2
for deb in "$work"/debs/*.deb; do
  dpkg -x "$deb" "$work/system"
done

rm -rf "$root"
mkdir -p "$root/dotnet"
mv "$work/system" "$root/system"
libraries=$root/system/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
for entry in "$home"/*; do
  [ "$(basename "$entry")" = dotnet ] || ln -s "$entry" "$root/dotnet/"
done
# patchelf comes from Debian 13 as well, so its own loader starts it.
cp "$home/dotnet" "$root/dotnet/dotnet"
"$loader" --library-path "$libraries" "$root/system/usr/bin/patchelf" --set-interpreter "$loader" \
  --force-rpath --set-rpath "$libraries" "$root/dotnet/dotnet" >&2
"$root/dotnet/dotnet" --version > /dev/null
echo "$home" > "$root/made-for"
echo "$root/dotnet/dotnet"

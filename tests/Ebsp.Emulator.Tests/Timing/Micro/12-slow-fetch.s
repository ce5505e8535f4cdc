; arch fetchCycles=5
nop unit=array
nop unit=array
nop unit=array wait0=1 until0=1
perf unit=pool signal=1
end
; total 25
; fetch  0 i0 5 i1 10 i2 15 i3 20 i4 25
; array  0 fetch 5 i0 6 fetch 10 i1 11 fetch 15 counter1 21 i2 22 end 25
; pool   0 fetch 20 i3 21 end 25

; arch dramBytesPerSecond=1600000000
load region=input columns=2 groups=8 bits=8 dpixel=64 signal=1
vector channels=8 constants=0x40 wait0=1 until0=1
end
; total 102
; fetch  0 i0 1 i1 2 i2 3 end 102
; load   0 fetch 1 i0 51 end 102
; vector 0 fetch 2 counter1 51 i1 102

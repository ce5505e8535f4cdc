load region=input groups=8 bits=8 dpixel=64 signal=1
end
; total 15
; fetch  0 i0 1 i1 2 end 15
; load   0 fetch 1 i0 15
; array  0 end 15

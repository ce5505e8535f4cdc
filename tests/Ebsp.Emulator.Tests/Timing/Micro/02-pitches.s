load region=input dram=0x3C bits=6 rows=2 columns=3 dpixel=100 drow=1000
end
; total 39
; fetch  0 i0 1 i1 2 end 39
; load   0 fetch 1 i0 39

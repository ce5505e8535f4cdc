load region=input groups=8 bits=8
store region=output groups=8 bits=8
end
; total 19
; fetch  0 i0 1 i1 2 i2 3 end 19
; load   0 fetch 1 i0 15 end 19
; store  0 fetch 2 i1 12 dram 15 i1 19

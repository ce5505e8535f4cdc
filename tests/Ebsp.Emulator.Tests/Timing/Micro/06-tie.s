store region=output groups=8 bits=8 wait0=1 until0=1
vector columns=4 channels=8 wait0=1 until0=1
load region=input groups=8 bits=8 wait0=1 until0=1
nop unit=array signal=1
end
; total 27
; fetch  0 i0 1 i1 2 i2 3 i3 4 i4 5 end 27
; load   0 fetch 3 counter1 5 i2 19 end 27
; array  0 fetch 4 i3 5 end 27
; vector 0 fetch 2 counter1 5 i1 15 dram 19 i1 27
; store  0 fetch 1 counter1 5 i0 15 dram 23 i0 27

load region=weights groups=8 bits=8 signal=1
load region=input groups=8 bits=8 signal=1
matmul images=16 srcchannels=20 channels=8 wait0=1 until0=2
end
; total 92
; fetch  0 i0 1 i1 2 i2 3 i3 4 end 92
; load   0 fetch 1 i0 15 i1 29 end 92
; array  0 fetch 3 counter1 29 i2 92

load region=input groups=32 bits=8 signal=1
load region=input groups=32 bits=8 signal=1
matmul images=40 srcchannels=8 channels=8 wait0=1 until0=1 signal=2
load region=input groups=32 bits=8 wait0=2 until0=1 signal=1
matmul images=40 srcchannels=8 channels=8 wait0=1 until0=2 signal=2
matmul images=40 srcchannels=8 channels=8 wait0=1 until0=3 signal=2
end
; total 192
; fetch  0 i0 1 i1 2 i2 3 i3 4 i4 5 i5 6 i6 7 end 192
; load   0 fetch 1 i0 27 i1 53 counter2 82 i3 108 end 192
; array  0 fetch 3 counter1 27 i2 82 i4 137 i5 192

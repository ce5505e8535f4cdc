; arch queueDepth=2
pool rows=2 columns=2 channels=8 kernelrows=2 kernelcolumns=2
nop unit=array wait0=1 until0=1
nop unit=array
nop unit=array
nop unit=vector signal=1
end
; total 17
; deadlock i1 counter1
; fetch  0 i0 1 i1 2 i2 3 i3 4 queue:array 17
; array  0 fetch 2 counter1 17
; vector 0 fetch 17
; pool   0 fetch 1 i0 17

; arch queueDepth=1
conv rows=2 columns=4 kernelrows=3 kernelcolumns=3 srcchannels=4 channels=8
nop unit=array
nop unit=array
nop unit=vector
end
; total 58
; fetch  0 i0 1 i1 2 i2 3 queue:array 56 i3 57 i4 58
; array  0 fetch 1 i0 56 i1 57 i2 58
; vector 0 fetch 57 i3 58

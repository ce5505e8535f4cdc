; g = 2, x = 6 - 1 * 2 = 4, E = 8: 1 fold; P = 4 * 3 = 12; 8 + 12 + 7 = 27
conv rows=4 columns=6 kernelcolumns=3 stridex=2 dilationx=2 srcchannels=2 channels=4 unrollx=2
end
; total 28
; fetch  0 i0 1 i1 2 end 28
; array  0 fetch 1 i0 28

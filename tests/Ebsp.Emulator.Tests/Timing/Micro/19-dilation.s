; x = 9 - 1 * 2 = 7, E = 14: 2 folds; P = 4 * 3 = 12; 8 + 2 * 12 + 7 = 39
conv rows=4 columns=9 kernelcolumns=3 dilationx=2 srcchannels=2 channels=2 unrollx=3
end
; total 40
; fetch  0 i0 1 i1 2 end 40
; array  0 fetch 1 i0 40

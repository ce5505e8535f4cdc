; E = 3 * 4 = 12: 2 folds; P = 4 * 4 = 16; 8 + 2 * 16 + 7 = 47
conv rows=4 columns=8 kernelrows=3 kernelcolumns=3 channels=2 unrollx=2
end
; total 48
; fetch  0 i0 1 i1 2 end 48
; array  0 fetch 1 i0 48

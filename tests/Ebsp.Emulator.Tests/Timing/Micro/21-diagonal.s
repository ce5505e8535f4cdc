; E = 4, D = min(8 / 4, 8 / 2) = 2: 4 folds; P = 4 * 4 = 16; 8 + 4 * 16 + 7 = 79
depthwise rows=4 columns=8 kernelcolumns=3 channels=8 unrollx=2
end
; total 80
; fetch  0 i0 1 i1 2 end 80
; array  0 fetch 1 i0 80

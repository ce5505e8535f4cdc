; E = 12, D = max(1, 0): 2 channels of 2 folds; P = 8 * 4 = 32; 8 + 4 * 32 + 7 = 143
depthwise rows=8 columns=8 kernelrows=3 kernelcolumns=3 channels=2 unrollx=2
end
; total 144
; fetch  0 i0 1 i1 2 end 144
; array  0 fetch 1 i0 144

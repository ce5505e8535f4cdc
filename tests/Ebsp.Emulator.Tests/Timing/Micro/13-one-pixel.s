; E = 9: 2 folds; P = 4 * 8 = 32; 8 + 2 * 32 + 7 = 79
conv rows=4 columns=8 kernelrows=3 kernelcolumns=3 channels=2
end
; total 80
; fetch  0 i0 1 i1 2 end 80
; array  0 fetch 1 i0 80

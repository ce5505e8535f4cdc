; E = 4 * 6 = 24: 3 folds; N = 1: 2 sets; P = 2 * 2 = 4, less than 8 rows; 8 + 6 * 8 + 7 = 63
conv rows=4 columns=8 kernelrows=3 kernelcolumns=3 channels=2 unrolly=2 unrollx=4
end
; total 64
; fetch  0 i0 1 i1 2 end 64
; array  0 fetch 1 i0 64

; E = 4 * 4 = 16: 2 folds; N = 2; P = 2 * 4 = 8; 8 + 2 * 8 + 7 = 31
conv rows=4 columns=8 kernelrows=3 kernelcolumns=3 channels=2 unrolly=2 unrollx=2
end
; total 32
; fetch  0 i0 1 i1 2 end 32
; array  0 fetch 1 i0 32

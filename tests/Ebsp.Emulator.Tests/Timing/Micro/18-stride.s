; E = 3 * 5 = 15: 2 folds; P = 4 * 2 = 8; 8 + 2 * 8 + 7 = 31
conv rows=4 columns=4 kernelrows=3 kernelcolumns=3 stridey=2 stridex=2 channels=2 unrollx=2
end
; total 32
; fetch  0 i0 1 i1 2 end 32
; array  0 fetch 1 i0 32

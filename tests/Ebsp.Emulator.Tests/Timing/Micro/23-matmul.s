; E = 2 * 4 = 8: 1 fold; N = 4; P = 10; 8 + 10 + 7 = 25
matmul images=20 srcchannels=4 channels=4 unrollx=2
end
; total 26
; fetch  0 i0 1 i1 2 end 26
; array  0 fetch 1 i0 26

; E = 2 * 3 = 6, N = 4: a fold a group; P = 5 * ceil(7 / 2) = 20; 8 + 2 * 20 + 7 = 55
conv rows=5 columns=7 srcchannels=3 channels=8 groups=2 unrollx=2
end
; total 56
; fetch  0 i0 1 i1 2 end 56
; array  0 fetch 1 i0 56

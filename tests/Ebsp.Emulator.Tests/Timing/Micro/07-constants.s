vector channels=16
vector channels=16
lut columns=3 channels=8 constants=0x100
vector channels=16
end
; total 64
; fetch  0 i0 1 i1 2 i2 3 i3 4 i4 5 end 64
; vector 0 fetch 1 i0 17 i1 19 i2 48 i3 64

pool rows=2 columns=2 channels=8 kernelrows=2 kernelcolumns=2 signal=1
host channels=5 signal=2
depthwise rows=4 columns=4 channels=8 multiplier=2 kernelrows=2 kernelcolumns=2 signal=3
sync unit=vector wait0=1 until0=1 wait1=3 until1=1 wait2=2 until2=1
end
; total 51
; fetch  0 i0 1 i1 2 i2 3 i3 4 i4 5 end 51
; array  0 fetch 3 i2 50 end 51
; vector 0 fetch 4 counter3 50 i3 51
; pool   0 fetch 1 i0 17 end 51
; host   0 fetch 2 i1 42 end 51

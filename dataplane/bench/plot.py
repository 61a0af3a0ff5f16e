def draw(r): return ""

"""What people read: the card in the terminal and the HTML report, from alert lines alone.

`incidents` puts alerts together, `facts` says the eight things an analyst needs, `card` and `html` show them. Every
value that comes from a log passes through `inert` on its way out.
"""

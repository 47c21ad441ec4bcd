"""Writing with AI, against a stub that speaks the wire format over a socket.

Its answers are typed by hand after https://platform.openai.com/docs/api-reference/chat; they are
no recordings. No live model was asked here.
"""

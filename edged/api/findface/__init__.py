"""FindFace Cloud, v0 and v1, and the unversioned addresses of 2016."""

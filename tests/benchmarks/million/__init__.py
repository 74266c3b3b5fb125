"""A home with as many cases as one likes, every service's books in order, in a few minutes.

A small system is really run first and some hundred cases of every kind are played in it
(``seeding``). Their rows are then multiplied with new ids, numbers and times, in SQL
(``multiplying``), by a plan that says when each case was filed and which played case it repeats
(``planning``). So every row stands as the services themselves would have written it.
"""
